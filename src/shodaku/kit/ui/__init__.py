"""What every page of the product is made of: tags, form fields, page skeletons, built styles and scripts."""
