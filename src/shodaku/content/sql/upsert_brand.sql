-- Colour and fonts; the logo stays.
insert into brand (workspace_id, colour, font, saved_at) values (%(workspace_id)s, %(colour)s, %(font)s, %(now)s)
on conflict (workspace_id) do update set colour = excluded.colour, font = excluded.font, saved_at = excluded.saved_at
