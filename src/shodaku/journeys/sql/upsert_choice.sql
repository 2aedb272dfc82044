-- One choice a workspace.
insert into clock_choice (workspace_id, asks, forgets, chosen_at, entry_id)
values (%(workspace_id)s, %(asks)s, %(forgets)s, %(now)s, %(entry_id)s)
on conflict (workspace_id) do update set
    asks = excluded.asks, forgets = excluded.forgets, chosen_at = excluded.chosen_at, entry_id = excluded.entry_id
