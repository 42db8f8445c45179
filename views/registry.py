"""Every screen of the system, in the order of the menu."""

from flask import current_app

from app.core.modes import modes
from models.funds.fund import Fund
from models.grammar.appbuilder import AppBuilder
from models.grammar.faults import refuse
from models.guarantee import Guarantee
from views.absences import AbsenceView
from views.accounts import AccountView
from views.alerts import AlertView
from views.amendments import AmendmentView
from views.api.codes import CodeView
from views.api.cover import CoverFeedView
from views.api.door import ApiView
from views.api.guide import DocumentView, GuideView
from views.api.identity import IdentityView
from views.api.movements import MovementPushView
from views.api.resources import ResourceView
from views.backfills import BackfillView
from views.cases import CaseView, OrderView
from views.charts import ChartView
from views.circulars import CircularView
from views.claim_desk import ClaimDeskView
from views.claims import ClaimView
from views.contracts import ContractView
from views.cover_files import CoverFileView
from views.downloads import DownloadView
from views.evidence import EvidenceView
from views.fiscal import FiscalView
from views.frame import checks
from views.frame.base import RecordView
from views.fund_calendar import CalendarView
from views.funds import FundView
from views.guarantees import GuaranteeView
from views.guarantors import FiledGuarantorView, GuarantorFilingView, SignatoryView
from views.holidays import HolidayView
from views.invitation import InvitationView
from views.jobs import JobView
from views.language import LanguageView
from views.letter_updates import LetterUpdateView, StoppageView
from views.letters import LetterView
from views.machines import MachineClientView
from views.movements import MovementView
from views.notices import NoticeView
from views.organisations import OrganisationView
from views.own_links import CalendarFeedView, MailConfirmView
from views.passwords import PasswordView
from views.payments import PaymentView, PostponementView, ReceiptView
from views.permits import PermitView
from views.plans import PlanView
from views.policies import PolicyView
from views.projects import ProjectView
from views.registration import RegistrationView
from views.reports import ReportView
from views.roles import RoleView
from views.second_factor import SecondFactorView
from views.sign_in import ProfileView, SignInView
from views.sign_on import SignOnView
from views.terms import TermsView
from views.verification import VerificationView
from views.webhooks import RecordLinkView, WebhookView

SCREENS = (
    FiledGuarantorView,
    GuarantorFilingView,
    SignatoryView,
    LetterView,
    CalendarView,
    ReportView,
    MovementView,
    AlertView,
    CaseView,
    OrderView,
    CircularView,
    PlanView,
    ReceiptView,
    PaymentView,
    PostponementView,
    AmendmentView,
    LetterUpdateView,
    ClaimView,
    ClaimDeskView,
    ProjectView,
    ContractView,
    TermsView,
    StoppageView,
    PermitView,
    OrganisationView,
    AccountView,
    AbsenceView,
    WebhookView,
    MachineClientView,
    RoleView,
    PolicyView,
    HolidayView,
    JobView,
)
OWN_SCREENS: tuple[type[GuaranteeView], ...] = (FiscalView,)
PAGES = (
    BackfillView,
    ProfileView,
    DownloadView,
    EvidenceView,
    ChartView,
    NoticeView,
    CalendarFeedView,
    MailConfirmView,
    SecondFactorView,
    PasswordView,
    VerificationView,
    RegistrationView,
    SignOnView,
    InvitationView,
    LanguageView,
    RecordLinkView,
    CoverFileView,
    GuideView,
)
API: tuple[type[ApiView], ...] = (IdentityView, CodeView, DocumentView, MovementPushView, CoverFeedView, ResourceView)
CATEGORY_ICONS = {
    "保证人诚信档案": "fa-building-columns",
    "工程款支付担保监管": "fa-shield-halved",
    "工程与合同": "fa-building",
    "单位与账号": "fa-users-gear",
    "系统设置": "fa-gear",
}


def register(appbuilder: AppBuilder) -> None:
    """Add the screens to the application and their labels to the menu; refuse what does not hold together."""
    appbuilder.sm.auth_view = appbuilder.add_view_no_menu(SignInView)
    for page in PAGES:
        appbuilder.add_view_no_menu(page)
    for part in API:
        add_to_api(appbuilder, part)
    for mode in modes():
        if mode is not LetterView.model:
            appbuilder.add_view_no_menu(screen_of(mode))
    for screen in SCREENS:
        appbuilder.add_view(
            screen,
            screen.menu_label,
            icon=screen.menu_icon,
            label=screen.menu_label,
            category=screen.menu_category,
            category_icon=CATEGORY_ICONS.get(screen.menu_category, ""),
            category_label=screen.menu_category,
        )
    refuse(checks.faults_between(view for view in appbuilder.baseviews if isinstance(view, RecordView)))


def add_to_api(appbuilder: AppBuilder, part: type[ApiView]) -> None:
    """Add these addresses to the API; the door asks people for their CSRF token, programs have none."""
    added = appbuilder.add_view_no_menu(part)
    current_app.extensions["csrf"].exempt(current_app.blueprints[added.endpoint])


def screen_of(mode: type[Guarantee]) -> type[GuaranteeView]:
    """The screens of a mode: its own where it has more to show, else on top of those of its family."""
    for own in OWN_SCREENS:
        if own.model is mode:
            return own
    family = FundView if issubclass(mode, Fund) else GuaranteeView
    return type(f"{mode.__name__}View", (family,), {"model": mode, "route_base": f"/{mode.screen.path}"})
