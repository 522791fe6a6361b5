from django.apps import AppConfig


class BooksConfig(AppConfig):
    name = "tests.web.books"
    label = "test_books"
