"""政策参数: dated versions, their preview, and what they leave alone."""
