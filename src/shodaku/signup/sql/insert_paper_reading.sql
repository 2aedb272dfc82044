-- One person's reading of a sheet.
insert into paper_reading (workspace_id, sheet_id, look, staff_id, body, at)
values (%(workspace_id)s, %(sheet_id)s, %(look)s, %(staff_id)s, %(body)s, %(now)s)
