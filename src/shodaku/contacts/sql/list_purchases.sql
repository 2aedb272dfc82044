-- What somebody bought, newest first.
select b.purchase_no, b.title, b.amount_yen, b.currency, b.paid, b.reference, p.code, b.at
from purchase b left join product p on p.workspace_id = b.workspace_id and p.product_id = b.product_id
where b.workspace_id = %(workspace_id)s and b.contact_id = %(contact_id)s order by b.at desc, b.purchase_no desc
