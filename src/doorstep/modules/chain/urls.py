"""Addresses of the chain, under /desk/chain/."""

from __future__ import annotations

from django.urls import path, re_path

from doorstep.modules.chain import (
    views,
    views_acts,
    views_adjust,
    views_grids,
    views_group_plans,
    views_members,
)

app_name = "chain"
urlpatterns = [
    path("", views.home, name="home"),
    path("breaks/", views.breaks, name="breaks"),
    path("households/new/", views_acts.designate, name="designate"),
    path("households/<int:pk>/", views.household, name="household"),
    path("households/<int:pk>/revoke/", views_acts.revoke, name="revoke"),
    path("grids/", views_grids.choose_grid, name="choose_grid"),
    path("grids/<str:code>/adjust/", views_grids.adjust_grid, name="adjust_grid"),
    path("grids/<str:code>/cover/", views_adjust.cover_grid, name="cover_grid"),
    path("buildings/<int:pk>/cover/", views_adjust.cover_building, name="cover_building"),
    path("units/<int:unit_id>/", views.unit, name="unit"),
    path("units/<int:unit_id>/adjust/", views.choose, name="choose"),
    path("units/<int:unit_id>/adjust/<str:kind>/", views_adjust.adjust_unit, name="adjust"),
    path("units/<int:unit_id>/establish/", views_adjust.establish, name="establish"),
    path("units/<int:unit_id>/count/", views_acts.count, name="count"),
    path("units/<int:unit_id>/form/", views_acts.set_form, name="form"),
    path("units/<int:unit_id>/term/", views_acts.term, name="term"),
    path("units/<int:unit_id>/appoint/", views_acts.appoint, name="appoint"),
    path("units/<int:unit_id>/members/", views_members.building_members, name="building_members"),
    path("building-members/new/", views_members.choose, name="choose_building_members"),
    path("building-members/new/<str:code>/", views_members.branches, name="branches_to_count"),
    path("group-plans/", views_group_plans.plans, name="group_plans"),
    path("group-plans/new/", views_group_plans.choose_place, name="choose_group_plan"),
    path("group-plans/new/<str:code>/", views_group_plans.new_plan, name="new_group_plan"),
    path("group-plans/compare/", views_group_plans.compare, name="compare_group_plans"),
    path("group-plans/<int:pk>/", views_group_plans.plan, name="group_plan"),
    path("group-plans/<int:pk>/changes/", views_group_plans.plan_changes, name="group_plan_changes"),
    path("group-plans/<int:pk>/<slug:what>/", views_group_plans.act, name="group_plan_act"),
    re_path(r"^(?P<code>[0-9]{2,15})/$", views.place, name="place"),
]
