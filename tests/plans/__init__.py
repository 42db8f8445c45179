"""支付信息归集 (手册 2.2.2): plans, what is paid and received on them, by walking the real workflow."""
