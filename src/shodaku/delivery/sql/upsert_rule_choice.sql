-- One choice a workspace; those before it stand in the ledger.
insert into rule_choice (workspace_id, pack, tightened, home_country, chosen_at, entry_id)
values (%(workspace_id)s, %(pack)s, %(tightened)s, %(home_country)s, %(now)s, %(entry_id)s)
on conflict (workspace_id) do update set pack = excluded.pack, tightened = excluded.tightened, home_country = excluded.home_country,
    chosen_at = excluded.chosen_at, entry_id = excluded.entry_id
