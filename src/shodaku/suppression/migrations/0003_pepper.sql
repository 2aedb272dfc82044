-- Epochs of the pepper, and what a workspace blocks besides single addresses.
select 1;
