-- Is the gate shut?
select state, epoch, reason from fence
