import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import doorstep.kernel.obligations.models
import doorstep.kernel.shared.dated


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("activities", "0004_sessions_to_confirm"),
        ("matters", "0015_notices_of_other_things"),
        ("obligations", "0002_first_rules"),
        ("organisations", "0005_partner_units"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Consultation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(editable=False, unique=True)),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                ("title", models.CharField(max_length=80, verbose_name="名称")),
                ("starts_at", models.DateTimeField(verbose_name="开始")),
                ("ends_at", models.DateTimeField(verbose_name="结束")),
                ("where", models.CharField(max_length=120, verbose_name="地点")),
                ("topics_until", models.DateField(verbose_name="议题征集到")),
                ("called_at", models.DateTimeField(verbose_name="召集时间")),
                ("notified_at", models.DateTimeField(null=True, verbose_name="通知时间")),
                ("cancelled_at", models.DateTimeField(null=True, verbose_name="取消时间")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="取消原因")),
                (
                    "called_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "minutes",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consultation",
                        to="obligations.minutes",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                        verbose_name="社区党组织",
                    ),
                ),
            ],
            options={
                "verbose_name": "协商议事会",
                "indexes": [
                    models.Index(fields=["place_code", "-starts_at", "-id"], name="consultation_place"),
                    models.Index(fields=["unit", "-starts_at"], name="consultation_unit"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="consultation_hours"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cancelled_at__isnull", True),
                            models.Q(("minutes__isnull", True), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="consultation_called_off",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("cancelled_at", None)),
                        expressions=[
                            ("unit", "="),
                            (doorstep.kernel.obligations.models.InstantRange("starts_at", "ends_at"), "&&"),
                        ],
                        name="consultation_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Gathering",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                (
                    "activity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gathering",
                        to="activities.activity",
                    ),
                ),
                (
                    "units",
                    models.ManyToManyField(
                        related_name="+", to="organisations.unit", verbose_name="参加单位"
                    ),
                ),
            ],
            options={
                "verbose_name": "共建活动",
                "indexes": [models.Index(fields=["place_code", "-id"], name="gathering_place")],
            },
        ),
        migrations.CreateModel(
            name="Held",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                (
                    "proof",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="joint_session",
                        to="obligations.proof",
                    ),
                ),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held_jointly",
                        to="activities.session",
                    ),
                ),
            ],
            options={
                "verbose_name": "共建活动凭据",
            },
        ),
        migrations.CreateModel(
            name="Institution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="起")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="不再有效的第一天；空为长期", null=True, verbose_name="止"
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=40, verbose_name="代码")),
                ("name", models.CharField(max_length=40, verbose_name="制度")),
                ("about", models.CharField(max_length=300, verbose_name="做什么")),
                (
                    "rules",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None, verbose_name="应办规则"
                    ),
                ),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                ("clause", models.CharField(max_length=200, verbose_name="依据")),
            ],
            options={
                "verbose_name": "共建制度",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="institution_period",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("code", "="),
                            ("place_code", "="),
                            (doorstep.kernel.shared.dated.DateRange(), "&&"),
                        ],
                        name="institution_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rules", []), _negated=True), name="institution_has_rules"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Nomination",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="nomination",
                        serialize=False,
                        to="matters.matter",
                    ),
                ),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                (
                    "recommended_by",
                    models.CharField(
                        choices=[("unit", "所在单位"), ("community", "社区党组织")],
                        max_length=12,
                        verbose_name="推荐方",
                    ),
                ),
                ("affiliation", models.CharField(max_length=120, verbose_name="组织关系所在党组织")),
                ("has_vote", models.BooleanField(default=False, verbose_name="有表决权")),
                ("valid_from", models.DateField(verbose_name="任期起")),
                ("valid_to", models.DateField(verbose_name="任期止")),
                ("document", models.CharField(blank=True, max_length=80, verbose_name="批准文号")),
                ("published_on", models.DateField(null=True, verbose_name="公示日期")),
                ("public_until", models.DateField(null=True, verbose_name="公示到")),
                (
                    "appointment",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="nomination",
                        to="organisations.appointment",
                    ),
                ),
                (
                    "community",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                        verbose_name="社区党组织",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nominations",
                        to="people.person",
                        verbose_name="人选",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nominations",
                        to="organisations.unit",
                        verbose_name="所在单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "兼职委员人选",
                "indexes": [
                    models.Index(fields=["place_code", "-matter"], name="nomination_place"),
                    models.Index(fields=["published_on", "matter"], name="nomination_published"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("valid_to__gt", models.F("valid_from"))), name="nomination_period"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("public_until__isnull", True), ("published_on__isnull", True)),
                            models.Q(
                                ("public_until__gt", models.F("published_on")),
                                models.Q(("document", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="nomination_public",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("appointment__isnull", True),
                            models.Q(("document", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="nomination_appointed_on_paper",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pairing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="起")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="不再有效的第一天；空为长期", null=True, verbose_name="止"
                    ),
                ),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                ("aim", models.CharField(max_length=300, verbose_name="结对目标")),
                ("document", models.CharField(max_length=80, verbose_name="文号")),
                ("end_reason", models.CharField(blank=True, max_length=200, verbose_name="提前结束的原因")),
                (
                    "community",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                        verbose_name="结对社区",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pairings",
                        to="organisations.unit",
                        verbose_name="结对部门",
                    ),
                ),
            ],
            options={
                "verbose_name": "结对共建",
                "indexes": [
                    models.Index(fields=["place_code", "id"], name="pairing_place"),
                    models.Index(fields=["department", "id"], name="pairing_department"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="pairing_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("document", ""), _negated=True), name="pairing_has_document"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("department", "="),
                            ("community", "="),
                            (doorstep.kernel.shared.dated.DateRange(), "&&"),
                        ],
                        name="pairing_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                ("what", models.CharField(max_length=200, verbose_name="做什么")),
                ("due_on", models.DateField(verbose_name="到哪天")),
                ("dropped_at", models.DateTimeField(null=True, verbose_name="取消时间")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="取消原因")),
                (
                    "pairing",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="partnership.pairing",
                    ),
                ),
            ],
            options={
                "verbose_name": "结对计划",
                "indexes": [models.Index(fields=["pairing", "due_on", "id"], name="plan_item_pairing")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dropped_at__isnull", True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="plan_item_dropped",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("dropped_at", None)),
                        fields=("pairing", "what", "due_on"),
                        name="plan_item_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(editable=False, unique=True)),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                (
                    "kind",
                    models.CharField(
                        choices=[("visit", "走访"), ("deed", "办实事")], max_length=8, verbose_name="种类"
                    ),
                ),
                ("day", models.DateField(verbose_name="日期")),
                ("what", models.CharField(max_length=400, verbose_name="做了什么")),
                ("people", models.PositiveIntegerField(default=0, verbose_name="服务人次")),
                ("recorded_at", models.DateTimeField(verbose_name="登记时间")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="社区确认时间")),
                ("struck_at", models.DateTimeField(null=True, verbose_name="作废时间")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="作废原因")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "pairing",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deeds",
                        to="partnership.pairing",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deeds",
                        to="partnership.planitem",
                        verbose_name="计划事项",
                    ),
                ),
            ],
            options={
                "verbose_name": "结对记录",
                "indexes": [
                    models.Index(fields=["pairing", "-day", "-id"], name="deed_pairing"),
                    models.Index(fields=["place_code", "-day", "-id"], name="deed_place"),
                    models.Index(
                        condition=models.Q(("confirmed_at", None), ("struck_at", None)),
                        fields=["place_code", "id"],
                        name="deed_to_confirm",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            ("recorded_by", None),
                            models.Q(("confirmed_by", models.F("recorded_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="deed_confirmed_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("struck_at__isnull", True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="deed_struck_out",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="起")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="不再有效的第一天；空为长期", null=True, verbose_name="止"
                    ),
                ),
                ("key", models.CharField(max_length=60, verbose_name="规则")),
                ("value", models.JSONField(verbose_name="值")),
                ("clause", models.CharField(max_length=200, verbose_name="依据")),
            ],
            options={
                "verbose_name": "规则值",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="partnership_value_period",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("key", "="), (doorstep.kernel.shared.dated.DateRange(), "&&")],
                        name="partnership_value_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(editable=False, unique=True)),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                ("title", models.CharField(max_length=80, verbose_name="议题")),
                ("text", models.CharField(blank=True, max_length=1000, verbose_name="说明")),
                ("brought_at", models.DateTimeField(verbose_name="提出时间")),
                (
                    "state",
                    models.CharField(
                        choices=[("collected", "已征集"), ("taken", "已列入议程"), ("declined", "未列入")],
                        default="collected",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("screened_at", models.DateTimeField(null=True, verbose_name="筛选时间")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="未列入的原因")),
                (
                    "brought_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "consultation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="topics",
                        to="partnership.consultation",
                    ),
                ),
                (
                    "screened_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                        verbose_name="提出单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "议题",
                "indexes": [
                    models.Index(fields=["consultation", "id"], name="topic_consultation"),
                    models.Index(fields=["place_code", "-id"], name="topic_place"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "collected"), ("screened_at__isnull", False), _connector="OR"
                        ),
                        name="topic_screened",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "declined"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="topic_left_out",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("screened_by", None),
                            ("brought_by", None),
                            models.Q(("screened_by", models.F("brought_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="topic_screened_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Resolution",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="resolution",
                        serialize=False,
                        to="matters.matter",
                    ),
                ),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                (
                    "minutes",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolutions",
                        to="obligations.minutes",
                        verbose_name="会议记录",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolutions",
                        to="organisations.unit",
                        verbose_name="责任单位",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolutions",
                        to="partnership.topic",
                        verbose_name="议题",
                    ),
                ),
            ],
            options={
                "verbose_name": "会议决议",
                "indexes": [models.Index(fields=["place_code", "-matter"], name="resolution_place")],
                "constraints": [
                    models.UniqueConstraint(fields=("minutes", "number"), name="resolution_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="起")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="不再有效的第一天；空为长期", null=True, verbose_name="止"
                    ),
                ),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                ("about", models.CharField(max_length=400, verbose_name="共建内容")),
                ("document", models.CharField(max_length=80, verbose_name="协议编号")),
                ("end_reason", models.CharField(blank=True, max_length=200, verbose_name="提前终止的原因")),
                (
                    "renews",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewed_by",
                        to="partnership.agreement",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="organisations.unit",
                        verbose_name="共建单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "共建协议",
                "indexes": [
                    models.Index(fields=["place_code", "id"], name="agreement_place"),
                    models.Index(fields=["unit", "-valid_from"], name="agreement_unit"),
                    models.Index(fields=["valid_to", "id"], name="agreement_ends"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="agreement_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_to__isnull", False)), name="agreement_has_end"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("document", ""), _negated=True), name="agreement_has_document"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("unit", "="),
                            ("place_code", "="),
                            (doorstep.kernel.shared.dated.DateRange(), "&&"),
                        ],
                        name="agreement_one_at_a_time",
                    ),
                ],
            },
        ),
    ]
