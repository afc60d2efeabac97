// Decorators are more than Node strips: `node --import tsx examples/frameworks/nest.ts`
import 'reflect-metadata';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import {
  All,
  type ArgumentsHost,
  Catch,
  Controller,
  type DynamicModule,
  Get,
  Inject,
  Module,
  type OnApplicationShutdown,
  Param,
  Req,
  Res,
} from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter, NestFactory } from '@nestjs/core';
import { isServiceClientError, ServiceClient, sendProblem } from 'holdfast';
import { clientLeft } from './support/client-left.ts';
import { closeServer } from './support/close-server.ts';
import { type Gateway, run, urlOf } from './support/gateway.ts';

// #region nest-module
const MEDIA = Symbol('media');

/** One client for the whole application, closed when the last answer is out. */
@Module({})
class MediaModule implements OnApplicationShutdown {
  @Inject(MEDIA) readonly media!: ServiceClient;

  static register(baseUrl: string): DynamicModule {
    const provider = { provide: MEDIA, useFactory: () => new ServiceClient({ name: 'media', baseUrl }) };
    return { module: MediaModule, providers: [provider], exports: [MEDIA] };
  }

  onApplicationShutdown() {
    return this.media.close();
  }
}
// #endregion

// #region nest-routes
@Controller('videos')
class VideosController {
  @Inject(MEDIA) readonly media!: ServiceClient;

  @Get(':id')
  async video(@Param('id') id: string, @Res({ passthrough: true }) res: ServerResponse) {
    const { data } = await this.media.get('/videos/{id}', { params: { id }, signal: clientLeft(res) });
    return data;
  }

  @All(':id/file')
  file(@Req() req: IncomingMessage, @Res() res: ServerResponse) {
    return this.media.passthrough(req, res);
  }
}
// #endregion

// #region nest-errors
@Catch()
class ProblemFilter extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost) {
    const res = host.switchToHttp().getResponse<ServerResponse>();
    if (isServiceClientError(error) || res.destroyed) sendProblem(res, error);
    else super.catch(error, host);
  }
}
// #endregion

@Module({ controllers: [VideosController], providers: [{ provide: APP_FILTER, useClass: ProblemFilter }] })
class AppModule {}

export async function start(serviceUrl: string, port = 0): Promise<Gateway> {
  const root = { module: AppModule, imports: [MediaModule.register(serviceUrl)] };
  // Without its body parser, which would take JSON away from passthrough.
  const app = await NestFactory.create(root, { bodyParser: false, logger: ['error', 'warn'] });
  await app.listen(port, '127.0.0.1');
  const server: Server = app.getHttpServer();
  return { url: urlOf(server), close: () => closeServer(server, () => app.close()) };
}

if (import.meta.main) await run(start);
