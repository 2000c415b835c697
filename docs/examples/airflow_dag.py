"""Segments of the shop, each night, by Airflow 2.7 or later."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG(
    "shop_segments",
    schedule="15 2 * * *",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,
) as dag:
    BashOperator(
        task_id="run",
        # The last line of stdout, the published folder, becomes the XCom of the task.
        bash_command="quintile run --quiet --skip-unchanged /srv/shop/job.yaml",
        skip_on_exit_code=99,
        retries=2,
        retry_delay=timedelta(minutes=10),
    )
