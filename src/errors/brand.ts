/** Marks an error of any copy of holdfast: two copies in one process have two classes, but one registered symbol. */
export const errorBrand: unique symbol = Symbol.for('holdfast.error') as never;
