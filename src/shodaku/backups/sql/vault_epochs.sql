-- In the vault: under which keys from files its keys are wrapped.
select 'kek', epoch from person_key union select 'hold', epoch from hold_key
