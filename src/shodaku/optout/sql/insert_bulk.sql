-- An act on many people is prepared: nobody is in it yet.
insert into bulk_act (workspace_id, act, state, narrowed, chosen_by, chosen_at)
values (%(workspace_id)s, %(act)s, 'choosing', %(narrowed)s, %(staff_id)s, %(now)s)
returning bulk_id
