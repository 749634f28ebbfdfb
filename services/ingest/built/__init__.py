"""Reading the HTML that `docusaurus build` made."""
