import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ENTRY_POINTS = ['src/index.ts', 'src/undici/index.ts'].map(path => ROOT + path);

const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
const program = ts.createProgram(ENTRY_POINTS, options);
const checker = program.getTypeChecker();

function resolved(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function exportsOf(path: string): ts.Symbol[] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(path)!)!;
  return checker.getExportsOfModule(module).map(resolved);
}

/** What a user does not see: private members, what only the library makes objects with, and bodies. */
function isHidden(node: ts.Node): boolean {
  if (ts.isBlock(node) || ts.isClassStaticBlockDeclaration(node) || ts.isConstructorDeclaration(node))
    return true;
  if (ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal')) return true;
  if (!ts.isClassElement(node)) return false;
  if (node.name !== undefined && ts.isPrivateIdentifier(node.name)) return true;
  const hiding = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (ts.getCombinedModifierFlags(node) & hiding) !== 0;
}

/** The types of ours that a declaration names where its user can see them. */
function namedIn(declaration: ts.Declaration): Set<ts.Symbol> {
  const named = new Set<ts.Symbol>();
  const note = (name: ts.Node) => {
    const symbol = checker.getSymbolAtLocation(name);
    if (symbol !== undefined) named.add(resolved(symbol));
  };
  const visit = (node: ts.Node): void => {
    if (isHidden(node)) return;
    if (ts.isTypeReferenceNode(node)) note(node.typeName);
    if (ts.isExpressionWithTypeArguments(node)) note(node.expression);
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return named;
}

function isOurType(symbol: ts.Symbol): boolean {
  const kinds = ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias | ts.SymbolFlags.Class;
  const file = symbol.declarations?.[0]?.getSourceFile().fileName;
  return (symbol.flags & kinds) !== 0 && file !== undefined && file.startsWith(`${ROOT}src/`);
}

/** A type that its own file keeps to itself is a part of another, and has no name outside. */
function isExported(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? [];
  return (
    declaration !== undefined && (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export) !== 0
  );
}

test('every type that a public signature names can be imported by name', () => {
  const known = new Set(ENTRY_POINTS.flatMap(exportsOf));
  const missing = new Map<string, string>();
  const seen = new Set<ts.Symbol>();
  const follow = (symbol: ts.Symbol): void => {
    if (seen.has(symbol)) return;
    seen.add(symbol);
    for (const declaration of symbol.declarations ?? []) {
      for (const type of namedIn(declaration)) {
        if (!isOurType(type)) continue;
        if (!known.has(type) && isExported(type)) missing.set(type.name, `named by ${symbol.name}`);
        follow(type);
      }
    }
  };
  for (const symbol of known) follow(symbol);
  expect(Object.fromEntries(missing)).toEqual({});
});
