import { reader, type Scope } from '../../context.ts';
import { ApiKey } from '../../entities/api-key.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';

export function listApiKeys(scope: Scope, request: PageRequest): Promise<Page<ApiKey>> {
  return newestPage(reader(scope), ApiKey, {}, request);
}
