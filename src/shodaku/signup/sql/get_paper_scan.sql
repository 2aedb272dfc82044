-- The sealed picture of one sheet.
select body from paper_sheet where workspace_id = %(workspace_id)s and sheet_id = %(sheet_id)s
