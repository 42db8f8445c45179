"""Problems: sentences that carry their field."""

from models.rules.problem import Problem, blocking


def test_a_problem_fills_its_places_with_its_params():
    problem = Problem("担保比例为%(share)s%%，还差%(missing)s元", "amount", {"share": 8, "missing": 3})
    assert problem.text == "担保比例为8%，还差3元"
    assert (problem.field, problem.blocking) == ("amount", True)


def test_a_percent_sign_in_a_sentence_without_params_is_left_alone():
    assert Problem("不得低于合同价款的10%").text == "不得低于合同价款的10%"


def test_what_blocks_is_told_apart_from_warnings_and_keeps_its_order():
    one, two, three = Problem("一"), Problem("二", blocking=False), Problem("三")
    assert blocking([one, two, three]) == [one, three]


def test_equal_problems_are_counted_once_in_a_set():
    assert len({Problem("差%(x)s元", "amount", {"x": 1}), Problem("差%(x)s元", "amount", {"x": 1})}) == 1
