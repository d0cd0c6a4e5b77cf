"""A few pages for tests of the middleware."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.urls import include, path

from heygen_portal.middleware.security import widen_csp


def page(request):
    return HttpResponse("<h1>Page</h1>")


def kept_page(request):
    return HttpResponse("<h1>Page</h1>", headers={"Cache-Control": "private, max-age=60"})


def data(request):
    return JsonResponse({})


@login_not_required
def whoami(request):
    return HttpResponse(f"{request.META['REMOTE_ADDR']} {'https' if request.is_secure() else 'http'}")


@login_not_required
def read_body(request):
    return HttpResponse(str(len(request.POST.get("text", "")) + sum(f.size for f in request.FILES.values())))


@login_not_required
@widen_csp({"form-action": ["https://login.example.com"]})
def elsewhere(request):
    response = HttpResponse("<form></form>")
    if "also" in request.GET:
        response.csp_extra = {"img-src": ["data:"]}
    return response


urlpatterns = [
    path("", page),
    path("page/", page),
    path("kept/", kept_page),
    path("data/", data),
    path("whoami/", whoami),
    path("elsewhere/", elsewhere),
    path("create/photo/", read_body),
    path("uploads/", read_body),
    path("forms/", read_body),
    path("accounts/", include("allauth.account.urls")),
]
