import { condition, defineSignal, proxyLocalActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { ApiKeyActivities } from '../activities/index.ts';

/** The end of the overlap has moved, or the rotation was cancelled. */
export const keyRotationChanged = defineSignal('key_rotationChanged');

const { retireKey } = proxyLocalActivities<ApiKeyActivities>({
  startToCloseTimeout: '10s',
  // For as long as Postgres is away. The key itself stops on time: that is decided at each request.
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
});

export type KeyRotationInput = { tenantId: number; keyId: string };

/** Waits for the end of the overlap in which a replaced API key still works, and then revokes it. */
export async function keyRotation({ tenantId, keyId }: KeyRotationInput): Promise<string> {
  let changed = false;
  setHandler(keyRotationChanged, () => {
    changed = true;
  });
  for (;;) {
    changed = false;
    const next = await retireKey({ tenantId, keyId });
    if (next.step === 'end') return next.outcome;
    setCurrentDetails(`The replaced key stops at ${next.until}`);
    await condition(() => changed, Math.max(1, Date.parse(next.until) - Date.now()));
  }
}
