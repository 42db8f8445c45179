"""支付信息归集 (手册 2.2.2): what is to be paid when, what the employer has paid, what the contractor has received."""
