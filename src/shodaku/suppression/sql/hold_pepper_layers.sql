-- As hold_pepper, with the layers beneath and what tells a wrong file; the row without a mark is the epoch itself.
select epoch, mark from shodaku_pepper_layers(%(workspace_id)s)
