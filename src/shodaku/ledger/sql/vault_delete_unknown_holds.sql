-- In the vault: sealed evidence whose day has come stays unreadable.
delete from hold_key k where not exists (select from known_hold h where h.workspace_id = k.workspace_id and h.hold_id = k.hold_id)
