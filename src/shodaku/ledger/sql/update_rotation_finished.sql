-- Everything is wrapped anew and every ledger says so.
update key_rotation set finished_at = now() where purpose = %(purpose)s and epoch = %(epoch)s
