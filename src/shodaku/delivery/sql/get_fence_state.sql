-- Is the house open?
select state from fence
