from django.urls import path

from doorstep.surfaces.desk import (
    views,
    views_appointments,
    views_bulk,
    views_deadlines,
    views_inbox,
    views_matters,
    views_overdue,
    views_units,
    views_whistles,
)

app_name = "desk"
urlpatterns = [
    path("desk/", views.work, name="work"),
    path("desk/cockpit/", views.cockpit_home, name="cockpit_home"),
    path("desk/cockpit/<str:code>/", views.cockpit, name="cockpit"),
    path("desk/cockpit/<str:code>/map.geojson", views.map_of_place, name="map"),
    path("desk/units/<int:unit_id>/appoint/", views_appointments.appoint, name="appoint"),
    path("desk/units/new/", views_units.found, name="unit_found"),
    path("desk/units/<int:unit_id>/change/", views_units.choose, name="unit_choose"),
    path("desk/units/<int:unit_id>/change/<slug:act>/", views_units.change, name="unit_change"),
    path("desk/administrators/", views_appointments.administrators, name="administrators"),
    path("desk/appointments/<int:pk>/end/", views_appointments.end, name="appointment_end"),
    path("desk/appointments/<int:pk>/extend/", views_appointments.extend, name="appointment_extend"),
    path(
        "desk/appointments/<int:pk>/substitute/", views_appointments.substitute, name="appointment_substitute"
    ),
    path("desk/appointments/<int:pk>/places/", views_appointments.change_places, name="appointment_places"),
    path("desk/appointments/<int:pk>/withdraw/", views_appointments.withdraw, name="appointment_withdraw"),
    path("desk/matters/", views_inbox.inbox, name="inbox"),
    path("desk/filters/", views_inbox.filters, name="filters"),
    path("desk/filters/new/", views_inbox.save, name="filter_save"),
    path("desk/together/", views_bulk.together, name="together"),
    path("desk/overdue/", views_overdue.board, name="overdue"),
    path("desk/matters/<str:number>/", views_matters.matter, name="matter"),
    path("desk/matters/<str:number>/text/", views_matters.text, name="matter_text"),
    path("desk/matters/<str:number>/act/<slug:key>/", views_matters.act, name="act"),
    path("desk/matters/<str:number>/<slug:name>/", views_matters.step, name="step"),
    path("desk/whistles/", views_whistles.board, name="whistles"),
    path("desk/whistles/new/", views_whistles.new, name="whistle_new"),
    path("desk/whistles/record/", views_whistles.record, name="whistle_record"),
    path("desk/whistles/<str:number>/<slug:name>/", views_whistles.act, name="whistle_act"),
    path("desk/hand-over/<int:person_id>/", views_deadlines.hand_over_page, name="hand_over"),
    path("desk/terms/new/", views_deadlines.term_new, name="term_new"),
    path("desk/terms/<int:pk>/change/", views_deadlines.term_change, name="term_change"),
    path("desk/retention/<slug:kind>/change/", views_deadlines.retention_change, name="retention_change"),
    path("desk/extend/<str:number>/", views_deadlines.extend, name="extend_deadline"),
    path("desk/calendar/", views_deadlines.calendar, name="calendar"),
]
