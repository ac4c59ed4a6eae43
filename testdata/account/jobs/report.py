import datetime
import requests

API = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"


def publish(report):
    day = datetime.date.today().isoformat()
    answer = requests.put(f"{API}/reports/{day}", json=report, timeout=10)
    answer.raise_for_status()
