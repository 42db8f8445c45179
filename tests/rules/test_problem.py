"""Problems: sentences that carry their field."""

from models.rules.problem import Problem, blocking, warnings


def test_a_problem_fills_its_places_with_its_params():
    problem = Problem("担保比例为%(share)s%%，还差%(missing)s元", "amount", {"share": 8, "missing": 3})
    assert problem.text == "担保比例为8%，还差3元"
    assert (problem.field, problem.blocking) == ("amount", True)


def test_a_percent_sign_in_a_sentence_without_params_is_left_alone():
    assert Problem("不得低于合同价款的10%").text == "不得低于合同价款的10%"


def test_problems_and_warnings_are_told_apart_and_keep_their_order():
    one, two, three = Problem("一"), Problem("二", blocking=False), Problem("三")
    assert blocking([one, two, three]) == [one, three]
    assert warnings([one, two, three]) == [two]


def test_equal_problems_are_counted_once_in_a_set():
    assert len({Problem("差%(x)s元", "amount", {"x": 1}), Problem("差%(x)s元", "amount", {"x": 1})}) == 1
