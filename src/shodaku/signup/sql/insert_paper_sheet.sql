-- A scan waits to be keyed in.
insert into paper_sheet (workspace_id, batch_id, number, state, checked, key_id, media_type, body, added_at)
values (%(workspace_id)s, %(batch_id)s, %(number)s, 'waiting', %(checked)s, %(key_id)s, %(media_type)s, %(body)s, %(now)s)
returning sheet_id
