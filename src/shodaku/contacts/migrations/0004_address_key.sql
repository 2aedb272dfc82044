-- Addresses are found by their tokens; nothing asks by key. The gate took this index for the one by person where the
-- planner knew nothing of a workspace yet (3,000 addresses: 500 ms a chunk).
drop index address_key;
