import { Migration } from '@mikro-orm/migrations';

/** Why a message that was at the provider is not tried again, should it come back unsent. */
export class Withdrawn extends Migration {
  override up(): void {
    this.addSql('alter table app.messages add column withdrawn text');
  }
}
