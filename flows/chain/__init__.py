"""The chain from job to payment, step by step: plain functions that know no Prefect and decide nothing about money."""
