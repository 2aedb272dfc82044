-- The file is gone, and every ledger says so.
update ended_epoch set recorded_at = now() where purpose = %(purpose)s and epoch = %(epoch)s
