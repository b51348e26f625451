import { createDocument, type ZodOpenApiPathsObject, type ZodOpenApiResponseObject } from 'zod-openapi';
import { z } from 'zod';
import { apiDescription, apiSecuritySchemes, apiTags } from './openapi-description.ts';
import { exampleOf } from './openapi-examples.ts';
import { answerHeaders, requestHeaders } from './openapi-headers.ts';
import { problemResponses } from './openapi-problems.ts';
import type { Route } from './route.ts';

/** The OpenAPI document of the routes, generated from the same contracts that check the requests. */
export function openApiDocument(routes: readonly Route[]) {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  }
  return createDocument({
    openapi: '3.1.1',
    info: { title: 'Carillon', version: '1', description: apiDescription },
    servers: [{ url: '/' }],
    tags: apiTags,
    components: { securitySchemes: apiSecuritySchemes },
    paths,
  });
}

function operation(route: Route) {
  const example = examplesOf(route);
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...description(route),
    security: security(route),
    requestParams: {
      ...(route.params ? { path: route.params as z.ZodObject } : {}),
      ...(route.query ? { query: route.query as z.ZodObject } : {}),
      ...requestHeaders(route),
    },
    ...requestBody(route, example.request),
    responses: {
      [String(route.status)]: {
        description: route.summary,
        headers: answerHeaders(route),
        ...(route.answer ? { content: { 'application/json': { schema: route.answer, ...example.response } } } : {}),
      },
      ...problemResponses(route),
    } as Record<`${1 | 2 | 3 | 4 | 5}${string}`, ZodOpenApiResponseObject>,
  };
}

/** As media types take them. */
function examplesOf({ operationId }: Route) {
  const { request, response } = exampleOf(operationId);
  return {
    request: request === undefined ? {} : { example: request },
    response: response === undefined ? {} : { example: response },
  };
}

function requestBody({ body, file }: Route, example: { example?: unknown }) {
  if (body) {
    return { requestBody: { required: true, content: { 'application/json': { schema: body, ...example } } } };
  }
  if (!file) return {};
  const schema = z.string().meta({ description: `${file.description} At most ${file.limitBytes} bytes.` });
  return { requestBody: { required: true, content: { [file.type]: { schema, ...example } } } };
}

function description(route: Route): { description?: string } {
  const parts = [route.description, whoMay(route)].filter((part) => part !== undefined);
  return parts.length > 0 ? { description: parts.join('\n\n') } : {};
}

function whoMay({ access }: Route): string | undefined {
  switch (access.kind) {
    case 'open':
      return undefined;
    case 'user':
      return 'For every signed-in user.';
    case 'platform':
      return 'For platform admins.';
    case 'tenant': {
      const themselves = access.self ? ', and the member whom it is about' : '';
      const keys = access.permission ? `For API keys with the permission \`${access.permission}\`, and ` : 'For ';
      return `${keys}users with at least the role \`${access.role}\`${themselves}.`;
    }
  }
}

function security({ access }: Route) {
  switch (access.kind) {
    case 'open':
      return [];
    case 'user':
    case 'platform':
      return [{ user: [] }];
    case 'tenant':
      return access.permission ? [{ apiKey: [] }, { user: [] }] : [{ user: [] }];
  }
}
