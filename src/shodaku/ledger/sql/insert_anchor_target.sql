-- One more place outside; from here on only its removal and what came of the last attempt change.
insert into ledger_anchor_target (workspace_id, kind, place, vkey, created_at)
values (%(workspace_id)s, %(kind)s, %(place)s, %(vkey)s, %(now)s) returning target_id
