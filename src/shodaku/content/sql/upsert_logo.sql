-- The logo, or none; colour and fonts are the usual ones only where nobody chose any.
insert into brand (workspace_id, colour, font, logo, saved_at)
values (%(workspace_id)s, %(colour)s, %(font)s, %(logo)s::uuid, %(now)s)
on conflict (workspace_id) do update set logo = excluded.logo, saved_at = excluded.saved_at
