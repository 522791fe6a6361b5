"""Addresses of volunteering: a volunteer's pages, what is public, the desk's under /desk/volunteering/."""

from __future__ import annotations

from django.urls import path

from doorstep.modules.volunteering import (
    urls_redemption,
    views_desk,
    views_hours,
    views_lists,
    views_papers,
    views_volunteer,
)

app_name = "volunteering"
urlpatterns = [
    path("volunteer/", views_volunteer.volunteer, name="volunteer"),
    path("volunteer/change/", views_volunteer.change, name="change"),
    path("volunteer/leave/", views_volunteer.leave, name="leave"),
    path("volunteer/back/", views_volunteer.come_back, name="come_back"),
    path("volunteer/find/", views_volunteer.find, name="find"),
    path("volunteer/teams/", views_volunteer.teams, name="teams"),
    path("volunteer/teams/<int:pk>/join/", views_volunteer.join_team, name="join_team"),
    path("volunteer/teams/<int:pk>/leave/", views_volunteer.leave_team, name="leave_team"),
    path("mine/passbook/", views_volunteer.passbook, name="passbook"),
    path("mine/passbook.pdf", views_papers.passbook, name="passbook_paper"),
    path("mine/record/", views_volunteer.record, name="record"),
    path("mine/record.pdf", views_papers.record, name="record_paper"),
    path("mine/appeal/<int:pk>/", views_volunteer.appeal, name="appeal"),
    path("points/", views_desk.statements, name="statements"),
    path("points/<int:pk>/", views_desk.statement, name="statement"),
    path("desk/volunteering/approve/", views_desk.approvals, name="approvals"),
    path("desk/volunteering/oddities/<int:pk>/", views_desk.oddity, name="oddity"),
    path("desk/volunteering/appeals/<int:pk>/", views_desk.answer, name="answer"),
    path("desk/volunteering/hours/", views_hours.hours, name="hours"),
    path("desk/volunteering/publish/", views_desk.publish, name="publish"),
    path("desk/volunteering/credits/sheet/", views_desk.sheet, name="sheet"),
    path("desk/volunteering/volunteers/<int:pk>/", views_lists.profile, name="profile"),
    path("desk/volunteering/volunteers/<int:pk>/card/", views_desk.card, name="card"),
    path("desk/volunteering/teams/<int:pk>/", views_lists.team, name="team"),
    path("desk/volunteering/new/<slug:what>/", views_lists.add, name="add"),
    path("desk/volunteering/end/<slug:what>/<int:pk>/", views_lists.end, name="end"),
    *urls_redemption.urlpatterns,
]
