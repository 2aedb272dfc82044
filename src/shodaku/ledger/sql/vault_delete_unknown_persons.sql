-- In the vault: who was erased stays erased. Number 0 is nobody: acts of the installation.
delete from person_key k where k.contact_id <> 0 and not exists (
    select from known_contact c where c.workspace_id = k.workspace_id and c.contact_id = k.contact_id)
