-- Where an erasure stands. Locked: one worker carries it on.
select erasure_id, contact_id, state, receipt, rule, requested_at, counts, key_id_sha256, sealed_until
from erasure where workspace_id = %(workspace_id)s and erasure_id = %(erasure_id)s for update
