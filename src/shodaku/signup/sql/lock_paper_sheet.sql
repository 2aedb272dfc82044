-- Two people never key one sheet in at one time.
select state from paper_sheet where workspace_id = %(workspace_id)s and sheet_id = %(sheet_id)s for update
