"""A reviewer sets up a second factor, comes in with it, and is asked for it again before a letter is issued."""

from datetime import datetime, timedelta

from flask import Flask
from flask.json.tag import TaggedJSONSerializer
from playwright.sync_api import expect
from sqlalchemy import select, update

from app.core.clock import now
from app.core.database import db
from models.second_factor import SecondFactor
from models.sessions import WebSession
from tests.people.phones import Phone, key_on
from tests.servers import DEMO_PASSWORD
from tests.stories.hands import People, Person
from tests.stories.test_letter_story import apply, open_letter, prepare

REVIEWER = "guarantor-issuer"
AFTER = timedelta(minutes=16)


def let_pass(app: Flask, time: timedelta) -> None:
    """What codes were taken and shown, that was so much longer ago."""
    read = TaggedJSONSerializer()
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(update(SecondFactor).values(last_step=SecondFactor.last_step - time.seconds // 30))
        for key, data in connection.execute(select(WebSession.id_hash, WebSession.data)).all():
            values = read.loads(data)
            if "code_shown" in values:
                shown_at: datetime = values["code_shown"]["at"]
                values["code_shown"]["at"] = shown_at - time
                changed = update(WebSession).where(WebSession.id_hash == key)
                connection.execute(changed.values(data=read.dumps(values)))


def set_up(person: Person) -> Phone:
    """我的账号 → 动态验证, confirmed by a first code; the phone."""
    person.page.goto("/profile/")
    person.press("动态验证")
    person.press("启用动态验证")
    expect(person.page.get_by_role("img", name="动态验证二维码")).to_be_visible()
    phone = Phone(key_on(person.page.content()))
    person.fill("动态验证码", "000000")
    person.press("确认")
    assert person.problems() == ["动态验证码不正确，请核对手机时间后输入当前的 6 位数字"]
    person.fill("动态验证码", phone.code(now()))
    person.press("确认")
    person.sees("恢复码只在本页显示一次，离开后不能再次查看")
    return phone


def sign_in_with(person: Person, phone: Phone) -> None:
    """Password, then code."""
    person.page.goto("/login/")
    person.fill("账号", REVIEWER)
    person.fill("密码", DEMO_PASSWORD)
    person.press("登录")
    person.fill("动态验证码", phone.code(now()))
    person.press("登录")
    expect(person.heading("工作台").or_(person.page.get_by_text("好，")).first).to_be_visible()


def test_a_reviewer_comes_in_with_a_code_and_issues_a_letter_with_another(
    app: Flask, people: People, newcomer: People
) -> None:
    number = apply(people("employer"))
    prepare(people("guarantor"), number, "HNBH-FACTOR-1")
    phone = set_up(people(REVIEWER))
    let_pass(app, AFTER)
    reviewer = newcomer("王")
    sign_in_with(reviewer, phone)
    let_pass(app, AFTER)

    open_letter(reviewer, number)
    reviewer.press("出具保函")
    reviewer.fill("动态验证码", "000000")
    reviewer.press("出具保函")
    reviewer.agree()
    assert reviewer.problems() == ["动态验证码不正确，请核对手机时间后输入当前的 6 位数字"]
    reviewer.fill("动态验证码", phone.code(now()))
    reviewer.press("出具保函")
    reviewer.agree()
    reviewer.sees_tag("待确认")
