-- The mail that asks is on its way, or there is nothing to ask any more.
update paper_sheet set to_ask = null where workspace_id = %(workspace_id)s and sheet_id = %(sheet_id)s
