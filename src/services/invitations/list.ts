import { reader, type Scope } from '../../context.ts';
import { Invitation } from '../../entities/invitation.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';

export const listInvitations = (scope: Scope, page: PageRequest): Promise<Page<Invitation>> =>
  newestPage(reader(scope), Invitation, {}, page);
