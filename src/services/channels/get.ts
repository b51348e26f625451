import { reader, type Scope } from '../../context.ts';
import { Channel } from '../../entities/channel.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';
import { livingChannel } from './default.ts';

export const getChannel = (scope: Scope, id: string): Promise<Channel> => livingChannel(reader(scope), id);

export const listChannels = (scope: Scope, page: PageRequest): Promise<Page<Channel>> =>
  newestPage(reader(scope), Channel, { deletedAt: null }, page);
