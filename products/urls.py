"""Addresses of the products app."""

from django.urls import path

from products import views

urlpatterns = [
    path("go/<int:offer_id>/<str:source>/", views.go, name="go"),
    path("demo-shop/<int:offer_id>/", views.demo_shop, name="demo-shop"),
]
