"""The clause that the majority follows is the eleventh; rows of before named the twelfth."""

from django.db import migrations

CORRECT = """
UPDATE partnership_rulevalue SET clause = replace(clause, '（试行）》第{one}条', '（试行）》第{other}条')
WHERE key = 'resolutions.majority'
"""


class Migration(migrations.Migration):
    dependencies = [("partnership", "0007_registers_in_their_order")]
    operations = [
        migrations.RunSQL(CORRECT.format(one="十二", other="十一"), CORRECT.format(one="十一", other="十二"))
    ]
