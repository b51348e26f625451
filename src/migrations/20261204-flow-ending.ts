import { Migration } from '@mikro-orm/migrations';

/** How a flow ends that was called off while something of it was at the provider. */
export class FlowEnding extends Migration {
  override up(): void {
    this.addSql('alter table app.flows add column ending text');
  }
}
