-- The end of a sheet: its scan lies with the person's evidence by now, or is thrown away.
update paper_sheet set state = %(state)s, body = null, reason = %(reason)s, note = null, contact_id = %(contact_id)s, entry_id = %(entry_id)s,
                       form_id = %(form_id)s, version = %(version)s, language = %(language)s, to_ask = %(to_ask)s, settled_at = %(now)s
where workspace_id = %(workspace_id)s and sheet_id = %(sheet_id)s
