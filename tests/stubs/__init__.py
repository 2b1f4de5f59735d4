"""The local cloud: moto's idea for this product's part of Alibaba Cloud."""
